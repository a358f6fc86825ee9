'use strict';
// node browser.js CHROMIUM: starts the browser, prints where check_page.js reaches it, and runs until its input is closed.
const { chromium } = require('playwright-core');

async function main([executablePath]) {
  // A browser that runs as root, or in a container, has no sandbox.
  const server = await chromium.launchServer({ executablePath, host: '127.0.0.1', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  console.log(server.wsEndpoint());
  process.stdin.resume().on('end', () => server.close());
}

main(process.argv.slice(2)).catch((error) => { console.error(error.stack); process.exitCode = 1; });
