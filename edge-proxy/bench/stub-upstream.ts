import { createServer } from 'node:http';

/** Stands for the upstream where there is no nginx: one body for every request, and the count of them as nginx has it. */
const body = Buffer.from(process.env['BODY'] ?? '');
const headers = { 'content-type': 'application/json', 'content-length': body.length };
let requests = 0;

const server = createServer({ keepAliveTimeout: 300_000 }, (req, res) => {
  requests++;
  req.resume();
  if (req.url === '/status') res.end(`server accepts handled requests\n 0 0 ${requests} \n`);
  else res.writeHead(200, headers).end(body);
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
