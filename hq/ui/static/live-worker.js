// Holds the event streams of all tabs: one for each address, closed when its last tab leaves.
"use strict";
const streams = new Map();

function open(url) {
  const stream = { source: new EventSource(url), ports: new Set(), types: new Set() };
  const tell = (message) => stream.ports.forEach((port) => port.postMessage(message));
  stream.source.onopen = () => tell({ kind: "open" });
  stream.source.onerror = () => {
    const { readyState } = stream.source;
    if (readyState === EventSource.CLOSED) streams.delete(url);
    tell({ kind: "error", readyState });
  };
  stream.listen = (type) => {
    if (stream.types.has(type)) return;
    stream.types.add(type);
    stream.source.addEventListener(type, ({ data, lastEventId }) => tell({ kind: "event", type, data, lastEventId }));
  };
  streams.set(url, stream);
  return stream;
}

onconnect = ({ ports: [port] }) => {
  let url, stream;
  port.onmessage = ({ data }) => {
    if (data.kind === "connect") {
      url = data.url;
      stream = streams.get(url) ?? open(url);
      stream.ports.add(port);
      if (stream.source.readyState === EventSource.OPEN) port.postMessage({ kind: "open" });
    } else if (data.kind === "listen") {
      stream.listen(data.type);
    } else if (data.kind === "leave") {
      stream.ports.delete(port);
      if (stream.ports.size > 0) return;
      stream.source.close();
      if (streams.get(url) === stream) streams.delete(url);
    }
  };
};
