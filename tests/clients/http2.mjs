// Node's http2 module against a server: `node http2.mjs SCENARIO URL`. Prints one line of JSON.
import http2 from 'node:http2';
import {once} from 'node:events';

const [scenario, url] = process.argv.slice(2);

function connect() {
  const session = http2.connect(url, {rejectUnauthorized: false});
  session.on('error', () => {});
  return session;
}

/** The answer to one request, with the moment at which each piece of it came. */
async function ask(session, headers, body) {
  const request = session.request(headers);
  request.end(body);
  const answer = {status: 0, body: '', pieces: []};
  request.on('response', fields => { answer.status = fields[':status']; });
  request.on('data', piece => { answer.body += piece; answer.pieces.push(performance.now()); });
  await once(request, 'end');
  return answer;
}

const scenarios = {
  async get() {
    const session = connect();
    const answer = await ask(session, {':path': '/health'});
    const protocol = session.alpnProtocol;
    session.close();
    return {status: answer.status, health: JSON.parse(answer.body), protocol};
  },

  async hundred() {
    const session = connect();
    await once(session, 'remoteSettings');
    const answers = await Promise.all(Array.from({length: 100}, () => ask(session, {':path': '/health'})));
    const most = session.remoteSettings.maxConcurrentStreams;
    session.close();
    return {good: answers.filter(answer => answer.status === 200).length, most};
  },

  /** A chat as an event stream: what came, and in how many pieces. */
  async events() {
    const session = connect();
    const headers = {':method': 'POST', ':path': '/chat/stream', 'content-type': 'application/json'};
    const answer = await ask(session, headers, JSON.stringify({message: 'How often is the seal greased?'}));
    session.close();
    return {status: answer.status, events: [...answer.body.matchAll(/^event: (.*)$/gm)].map(m => m[1]), pieces: answer.pieces.length};
  },

  /** A download broken off in the middle; the connection goes on. */
  async cancel() {
    const session = connect();
    const path = process.argv[4];
    const request = session.request({':path': path});
    await once(request, 'data');
    request.close(http2.constants.NGHTTP2_CANCEL);
    await once(request, 'close');
    const after = await ask(session, {':path': '/health'});
    session.close();
    return {code: request.rstCode, status: after.status};
  },

  /** Requests that are reset at once, until the server has had enough. */
  async rapid() {
    const session = connect();
    let goaway = null;
    session.on('goaway', code => { goaway = code; });
    await once(session, 'connect');
    let sent = 0;
    while (!session.closed && !session.destroyed && sent < 20000) {
      for (let i = 0; i < 50 && !session.closed && !session.destroyed; ++i, ++sent) {
        const request = session.request({':method': 'POST', ':path': '/documents/ingest'});
        request.on('error', () => {});
        request.close(http2.constants.NGHTTP2_CANCEL);
      }
      await new Promise(done => setImmediate(done));
    }
    if (!session.destroyed) await Promise.race([once(session, 'close'), new Promise(done => setTimeout(done, 5000))]);
    session.destroy();
    return {sent, goaway};
  },
};

console.log(JSON.stringify(await scenarios[scenario]()));
