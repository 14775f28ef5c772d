// Two workers behind one port; the primary accepts and hands the connections over.
const cluster = require('cluster');
const http = require('http');
const port = Number(process.argv[2]);

if (cluster.isPrimary) {
  cluster.fork();
  cluster.fork();
} else {
  http.createServer((request, response) => response.end(`hello from ${request.url}\n`)).listen(port, '127.0.0.1');
}
