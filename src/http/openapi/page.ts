/** The description of the files of the page. */
import { answer, type Json, type Part, problems, text } from './part.ts';

function file(summary: string, type: string): Json {
  const operationId = summary.toLowerCase().replaceAll(' ', '-');
  const unchanged = { description: 'It is the one of the header If-None-Match' };
  return {
    get: { operationId, summary, responses: { 200: answer('The file', type, text), 304: unchanged, ...problems() } },
  };
}

export const PAGE: Part = {
  paths: {
    '/': file('The page', 'text/html'),
    '/app.js': file('Its script', 'text/javascript'),
    '/style.css': file('Its style', 'text/css'),
    '/icon.svg': file('Its icon', 'image/svg+xml'),
  },
  schemas: {},
};
