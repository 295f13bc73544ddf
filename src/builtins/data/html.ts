/** The group html: text in HTML pages. */
import { decodeHTML } from 'entities/decode';
import { defineBuiltin } from '../define-builtin';
import { string } from '../types';
import { checkLength } from '../core/string/case-and-space';

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const html_escape = defineBuiltin({
  name: 'html_escape',
  group: 'html',
  summary: 'Makes a text safe to be put into an HTML page: between tags, or in quotes as the value of an attribute',
  params: [{ name: 's', type: string, about: 'The text' }],
  gives: { type: 'string', about: 'The text with & < > " and \' written as HTML shows them' },
  errors: { ERANGE: 'the text would be longer than a string can be' },
  example: `log(html_escape("<b>Tom & \\"Jerry\\"</b>"))  // expect: &lt;b&gt;Tom &amp; &quot;Jerry&quot;&lt;/b&gt;`,
  failing: 'html_escape(5)  // expect error: html_escape: s must be a string, got the number 5',
  run: (s) => {
    if (!/[&<>"']/.test(s)) return s;
    checkLength('html_escape', escapedLength(s));
    return s.replace(/[&<>"']/g, (char) => ESCAPES[char]!);
  },
});

function escapedLength(s: string): number {
  let units = s.length;
  // Only a text that could become too long is looked through.
  if (6 * units < 500_000_000) return units;
  for (const [char] of s.matchAll(/[&<>"']/g)) units += ESCAPES[char]!.length - 1;
  return units;
}

export const html_unescape = defineBuiltin({
  name: 'html_unescape',
  group: 'html',
  summary: 'Puts the characters themselves in the place of their names and numbers in HTML',
  details: 'It knows all names of HTML, and reads them as a browser does; what is none stays as it is.',
  params: [{ name: 's', type: string, about: 'The text' }],
  gives: { type: 'string', about: 'The text without entities' },
  example: 'log(html_unescape("&lt;caf&eacute;&gt; &#8364;5 &#x1F600; &nope;"))  // expect: <café> €5 😀 &nope;',
  failing: 'html_unescape(null)  // expect error: html_unescape: s must be a string, got null',
  run: (s) => (s.includes('&') ? decodeHTML(s) : s),
});
