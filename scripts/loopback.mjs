// Starts servers on 127.0.0.1 that close together with their open connections.

/**
 * @param {import('node:http').Server} server
 * @param {number} [port] Default: a free one.
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} `url` ends without a slash.
 */
export async function listenOnLoopback(server, port = 0) {
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
