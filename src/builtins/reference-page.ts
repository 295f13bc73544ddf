/** A group of built-ins as a page of Markdown for docs/reference; nothing in it but what the definitions say. */
import { inspect } from '../runtime/values';
import type { Value } from '../runtime/values';
import { findGroup } from './catalogue';
import type { Entry } from './catalogue';
import { Constant } from './define-builtin';
import type { Builtin, Param } from './define-builtin';
import { givesNothing, lowerFirst, parameterText, sentence } from './help-text';

/** Throws for a group that does not exist. */
export function referencePage(group: string): string {
  const members = findGroup(group);
  if (members === undefined) throw new Error(`there is no group ${group}`);
  const entries = [...members.values()];
  const contents = entries.map((entry) => `[\`${entry.name}\`](#${entry.name.toLowerCase()})`).join(' · ');
  return `# ${group}\n\n${asModule(group, members)}\n\n${contents}\n\n${entries.map(section).join('\n')}`;
}

/** What the members are called after an import: shown by one that is shorter then, if there is one. */
function asModule(group: string, members: ReadonlyMap<string, Entry>): string {
  const all = [...members];
  const [member, entry] = all.find(([short, { name }]) => short !== name) ?? all[0]!;
  return `A module too: after \`import ${group}\`, \`${group}.${member}\` is \`${entry.name}\`.`;
}

function section(entry: Entry): string {
  return entry instanceof Constant ? constantSection(entry) : functionSection(entry);
}

function constantSection(constant: Constant): string {
  return `## ${constant.name}\n\n${prose(sentence(constant.summary))} Its value is \`${inspect(constant.value)}\`.\n`;
}

function functionSection(builtin: Builtin): string {
  const { definition } = builtin;
  const parts = [`## ${builtin.name}`, '```\n' + builtin.signature + '\n```', prose(sentence(definition.summary))];
  if (definition.details !== undefined) parts.push(prose(definition.details.replace(/\n/g, '\n\n')));
  if (definition.params.length > 0) parts.push(definition.params.flatMap(parameterItems).join('\n'));
  const { gives } = definition;
  parts.push(prose(sentence(`**Gives** ${givesNothing(gives) ? 'null' : `${gives.type}: ${gives.about}`}`)));
  if (builtin.waits) parts.push('**Waits**; other tasks go on meanwhile.');
  if (builtin.waitsWithCallback) parts.push('**Waits** when a function passed to it does.');
  if (definition.permission !== undefined) parts.push(`**Needs the permission** \`${definition.permission}\`.`);
  if (definition.errors !== undefined) {
    const items = Object.entries(definition.errors).map(
      ([code, when]) => `- \`${code}\`: ${prose(lowerFirst(sentence(when)))}`,
    );
    parts.push(`**Errors**\n\n${items.join('\n')}`);
  }
  parts.push(`**Example**\n\n${fence(definition.example)}`, `**Fails**\n\n${fence(definition.failing)}`);
  if (definition.aliases !== undefined && definition.aliases.length > 0) {
    parts.push(`**Older spellings**: ${definition.aliases.map((alias) => `\`${alias}\``).join(', ')}`);
  }
  return parts.join('\n\n') + '\n';
}

function parameterItems(param: Param): string[] {
  const name = param.rest === true ? `...${param.name}` : param.name;
  const items = [`- \`${name}\`: ${prose(parameterText(param))}`];
  for (const [option, entry] of Object.entries(param.type.options ?? {})) {
    const fallback = entry.fallback === null ? '' : ` Default: \`${inspect(entry.fallback as Value)}\`.`;
    items.push(`  - \`${option}\`: ${prose(`${entry.type.name}. ${sentence(entry.about)}`)}${fallback}`);
  }
  return items;
}

/** Escapes characters that Markdown would take for its own, but in code. */
function prose(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part, i) => (i % 2 === 1 ? part : escaped(part)))
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[[\]<>_\\]/g, '\\$&').replace(/(?<!\*)\*(?!\*)/g, '\\*');
}

function fence(code: string): string {
  const marks = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map((run) => run[0].length + 1)));
  return `${marks}sentra\n${code}\n${marks}`;
}
