// Fetches URLs one after another and prints the bodies: fetch.js WAY URL..., WAY = agent, none or fetch.
const http = require('http');
const [way, ...urls] = process.argv.slice(2);
const agent = way === 'agent' ? new http.Agent({keepAlive: true, maxSockets: 1}) : false;

function get(url) {
  return new Promise((done, failed) => {
    http.get(url, {agent}, (response) => {
      response.on('data', (data) => process.stdout.write(data));
      response.on('end', done);
    }).on('error', failed);
  });
}

(async () => {
  for (const url of urls) {
    if (way === 'fetch')
      process.stdout.write(await (await fetch(url)).text());
    else
      await get(url);
  }
  if (agent) agent.destroy();
})();
