// Asks http://127.0.0.1:UPSTREAM with the path it was asked for: caller.js PORT UPSTREAM HOW, HOW = now or later.
const http = require('http');
const [port, upstream, how] = process.argv.slice(2);
const agent = new http.Agent({keepAlive: true, maxSockets: 8});

function call(request, response) {
  http.get({host: '127.0.0.1', port: Number(upstream), path: request.url, agent}, (answer) => {
    response.writeHead(answer.statusCode, {'Content-Type': 'text/plain'});
    answer.pipe(response);
  });
}

http.createServer((request, response) => {
  if (how === 'later')
    setTimeout(call, Math.random() * 20, request, response);
  else
    call(request, response);
}).listen(Number(port), '127.0.0.1');
