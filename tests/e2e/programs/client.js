// Fetches one URL and prints the body.
require('http').get(process.argv[2], {agent: false}, (response) => response.pipe(process.stdout));
