import { Agent } from 'node:http';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

/** Express with http-proxy-middleware, and the keep-alive agent without which it opens a connection for each request. */
const app = express();
app.use(
  createProxyMiddleware({
    target: process.env['UPSTREAM_URL'] ?? '',
    changeOrigin: true,
    xfwd: true,
    agent: new Agent({ keepAlive: true }),
  }),
);
app.listen(Number(process.env['PORT']), '127.0.0.1').keepAliveTimeout = 65_000;
