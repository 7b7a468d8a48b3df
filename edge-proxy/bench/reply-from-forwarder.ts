import replyFrom from '@fastify/reply-from';
import Fastify from 'fastify';

/** `@fastify/reply-from` as its manual starts it: HTTP/1 through its own undici, and connections enough for the load. */
const app = Fastify({ keepAliveTimeout: 65_000 });
await app.register(replyFrom, { base: process.env['UPSTREAM_URL'] ?? '', undici: { connections: 128, pipelining: 1 } });
app.all('/*', (request, reply) => reply.from(request.url));
await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
