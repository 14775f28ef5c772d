// Answers every request with one line.
const http = require('http');
http.createServer((request, response) => response.end(`hello from ${request.url}\n`))
    .listen(Number(process.argv[2]), '127.0.0.1');
