// The one stream of a browser, shared by its tabs (live.js). It ends with the last tab.

import { LiveStream } from "./live-stream.js";

const ports = new Set();
let stream = null;
let changedAt = 0;

function tellAll(message) {
  if (message.kind !== "beat") changedAt = Date.now();
  for (const port of ports) port.postMessage(message);
}

function leave(port) {
  ports.delete(port);
  if (!ports.size) stream?.close();
}

onconnect = (event) => {
  const [port] = event.ports;
  port.onmessage = ({ data }) => {
    if (data.bye) {
      leave(port);
      return;
    }
    ports.add(port);
    stream ||= new LiveStream(data.url, tellAll);
    stream.open();
    // Has anything changed since this page was read? Else it only learns that the stream lives.
    port.postMessage({ kind: changedAt >= data.since ? "resync" : "beat" });
  };
};
