// A device that speaks MQTT 3.1.1: as much of it as a message needs.
import { once } from "node:events";
import { connect } from "node:net";

const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;

const text = (value) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

/** A packet of a kind, of less than 16 KB. */
function packet(kind, flags, body) {
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return Buffer.concat([Buffer.from([(kind << 4) | flags, ...length]), body]);
}

/** Publishes texts to a topic of a server on this machine, each acknowledged before the next (QoS 1). */
export async function publishByMqtt(port, topic, texts) {
  const socket = connect(port, "127.0.0.1");
  const answer = async (kind) => {
    const [bytes] = await once(socket, "data");
    if (bytes[0] >> 4 !== kind) throw new Error(`the server answers with packet ${bytes[0] >> 4}, not ${kind}`);
  };
  // Protocol level 4, a clean session, and a minute between signs of life.
  socket.write(packet(CONNECT, 0, Buffer.concat([text("MQTT"), Buffer.from([4, 2, 0, 60]), text("pump-1")])));
  await answer(CONNACK);
  for (const [place, payload] of texts.entries()) {
    const id = Buffer.from([(place + 1) >> 8, (place + 1) & 255]);
    socket.write(packet(PUBLISH, 2, Buffer.concat([text(topic), id, Buffer.from(payload)])));
    await answer(PUBACK);
  }
  socket.destroy();
}
