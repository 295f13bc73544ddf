/**
 * Which handler a request goes to. The most specific route wins, whatever the order in which they were added: a
 * fixed path before one with parameters, that before one with the rest of the path; the request's own method before
 * ANY. find-my-way finds those with parameters; it has a tree for each method, made when a request first needs it.
 */
import type FindMyWay from 'find-my-way';
import { fault } from '../../../runtime/errors';
import type { FunctionValue } from '../../../runtime/values';
import { inspect } from '../../../runtime/values';
import { decodePercent } from '../percent';
import type { StaticFolder } from './static-folder';

export interface Route {
  /** In upper case; "ANY" for all. */
  readonly method: string;
  readonly path: string;
  readonly target: FunctionValue | StaticFolder;
  /** The name under which a program finds what "*" stands for; null where the path has none. */
  readonly rest: string | null;
}

/** Names and values as in the path, "*" among them; null where the route has none. */
export type Params = Readonly<Record<string, string | undefined>> | null;

export interface Match {
  readonly route: Route;
  readonly params: Params;
}

/** A path may be that much longer than the largest that the header limit lets through. */
const MAX_PARAM = 1 << 20;

type Router = FindMyWay.Instance<FindMyWay.HTTPVersion.V1>;

let makeRouter: (() => Router) | null = null;

function newRouter(): Router {
  if (makeRouter === null) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded by the first server
    const factory = require('find-my-way') as typeof FindMyWay;
    makeRouter = () =>
      factory({
        maxParamLength: MAX_PARAM,
        // The query is read when a handler asks for it.
        querystringParser: () => ({}),
      });
  }
  return makeRouter();
}

/** The routes that a method may take. */
class Table {
  private readonly exact = new Map<string, Match>();
  private router: Router | null = null;
  private readonly patterns = new Set<string>();
  /** Those with the rest of a path and no parameter. */
  private readonly rests: Route[] = [];

  /** One that is there already stays. */
  add(route: Route): void {
    const pattern = patternOf(route.path);
    if (this.patterns.has(pattern)) return;
    this.patterns.add(pattern);
    if (!/[:*]/.test(route.path)) {
      this.exact.set(route.path, { route, params: null });
      return;
    }
    this.router ??= newRouter();
    if (!route.path.includes(':')) this.rests.push(route);
    const path = route.path.replace(/\*[^/]*$/, '*');
    this.router.on('GET', path, () => {}, route);
  }

  find(path: string): Match | null {
    const exact = this.exact.get(path);
    if (exact !== undefined) return exact;
    if (path.includes('%')) {
      const decoded = this.findDecoded(path);
      if (decoded !== null) return decoded;
    }
    const found = this.router?.find('GET', path) ?? null;
    if (found === null) return null;
    for (const name in found.params) {
      // A parameter is never empty: "/users/" is not "/users/:id".
      if (found.params[name] === '' && name !== '*') return this.findRest(path);
    }
    return { route: found.store as Route, params: found.params };
  }

  /** The longest route without parameters that the path begins with. */
  private findRest(path: string): Match | null {
    let best: Route | null = null;
    for (const route of this.rests) {
      if (path.startsWith(prefixOf(route)) && (best === null || route.path.length > best.path.length)) best = route;
    }
    return best === null
      ? null
      : { route: best, params: { '*': decodePercent(path.slice(prefixOf(best).length), false) } };
  }

  /** A fixed path that is written with percents. */
  private findDecoded(path: string): Match | null {
    try {
      return this.exact.get(decodeURI(path)) ?? null;
    } catch {
      return null;
    }
  }
}

function prefixOf({ path }: Route): string {
  return path.slice(0, path.lastIndexOf('*'));
}

/** Two paths with the same pattern match the same. */
function patternOf(path: string): string {
  return path.replace(/:[^/]+/g, ':').replace(/\*[^/]*$/, '*');
}

export class Routes {
  private readonly all: Route[] = [];
  private tables = new Map<string, Table>();

  /** Errors: EINVAL for a path that is none, EEXIST where there is such a route. */
  add(builtin: string, route: Omit<Route, 'rest'>): void {
    checkPath(builtin, route.path);
    const pattern = patternOf(route.path);
    const same = this.all.find((each) => each.method === route.method && patternOf(each.path) === pattern);
    if (same !== undefined) {
      throw fault('EEXIST', `${builtin}: there is a route ${route.method} ${same.path} already (EEXIST)`, {
        function: builtin,
      });
    }
    const star = route.path.lastIndexOf('*');
    this.all.push({ ...route, rest: star < 0 ? null : route.path.slice(star + 1) || '*' });
    this.tables = new Map();
  }

  private table(method: string): Table {
    let table = this.tables.get(method);
    if (table === undefined) {
      table = new Table();
      for (const route of this.all) if (route.method === method) table.add(route);
      if (method === 'HEAD') for (const route of this.all) if (route.method === 'GET') table.add(route);
      for (const route of this.all) if (route.method === 'ANY') table.add(route);
      this.tables.set(method, table);
    }
    return table;
  }

  find(method: string, path: string): Match | null {
    return this.table(method).find(path);
  }

  /** The methods that have a route for this path, with those that go without saying; empty for none. */
  allowed(path: string): string[] {
    const methods = new Set<string>();
    for (const method of new Set(this.all.map((route) => route.method))) {
      if (method !== 'ANY' && this.find(method, path) !== null) methods.add(method);
    }
    if (methods.has('GET')) methods.add('HEAD');
    if (methods.size > 0) methods.add('OPTIONS');
    return [...methods].sort();
  }
}

function checkPath(builtin: string, path: string): void {
  const why = !path.startsWith('/')
    ? 'it must begin with "/"'
    : /[?#]/.test(path)
      ? 'it is matched without the query, so it cannot have "?" or "#"'
      : /[()\s]/.test(path) || /::|:(?=\/|$)/.test(path)
        ? 'a parameter is ":" and a name, up to the next "/"'
        : /\*.*[/*]/.test(path) || /[^/]\*/.test(path)
          ? '"*" stands for the rest of the path: only after the last "/", with a name behind it or none'
          : /:[^/]*[^/\w][^/]*/.test(path) || /[^/]:/.test(path)
            ? 'a parameter is a whole part between slashes, named with letters, digits and "_"'
            : null;
  if (why === null) return;
  throw fault('EINVAL', `${builtin}: path ${inspect(path)} cannot be a route: ${why} (EINVAL)`, { function: builtin });
}
