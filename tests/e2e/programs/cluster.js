// node's cluster: two workers share a port, connections come to them from the first process. They
// begin to listen together, so that both get their share.
'use strict';
const cluster = require('cluster');
const http = require('http');

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  let online = 0;
  for (const worker of workers)
    worker.on('online', () => {
      if (++online === workers.length)
        for (const each of workers)
          each.send('listen');
    });
} else {
  process.on('message', () => http.createServer((request, response) => response.end('hello\n'))
    .listen(Number(process.argv[2]), '127.0.0.1'));
}
