/** One event of a stream as `text/event-stream` carries it (WHATWG HTML, section 9.2.6). */
export type StreamEvent = { event: string; data: string };

/**
 * Takes a stream's text in pieces as they come and calls back for every whole event. Ids, retry times and comments are
 * passed over: what is read here starts anew with each connection.
 */
export function createEventParser(onEvent: (event: StreamEvent) => void): (text: string) => void {
  let rest = '';
  let event = '';
  let data: string[] = [];

  function endOfEvent(): void {
    if (data.length > 0) onEvent({ event: event || 'message', data: data.join('\n') });
    event = '';
    data = [];
  }

  function line(text: string): void {
    if (text === '') return endOfEvent();
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }

  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const each of lines) line(each);
  };
}
