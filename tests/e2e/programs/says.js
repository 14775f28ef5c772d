// Says something on either stream when it listens and in each request: says.js PORT.
const http = require('http');
http.createServer((request, response) => {
    console.log(`asked for ${request.url}`);
    console.error('an error of it');
    response.end('hello\n');
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
