// Starts the server on 127.0.0.1 at the port given, and says when it listens.
const TelegramServer = require('telegram-test-api');

const server = new TelegramServer({ host: '127.0.0.1', port: Number(process.argv[2]) });
server.start().then(() => console.log('listening'));
// The parent holds our standard input; when it ends, however it ends, so do we.
process.stdin.on('end', () => process.exit(0)).resume();
