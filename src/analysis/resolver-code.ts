/** Statements, patterns and expressions: which names they declare and use. */
import { didYouMean } from '../diagnostics/did-you-mean';
import type * as ast from '../syntax/ast';
import { eachName } from './pattern-names';
import type { Binding, BindingKind } from './program';
import { ResolverModules } from './resolver-modules';
import { spawnFn } from './spawn-function';

/** What a text between backticks would be filled in with; Ruby writes it `#{name}`. */
const PLACE = /([$#])\{([A-Za-z_]\w*)/;

export abstract class ResolverCode extends ResolverModules {
  /** A block's functions are visible in all of it, its variables from their declaration on. */
  protected block(body: readonly ast.Stmt[]): void {
    for (const statement of body) {
      if (statement.kind !== 'FnDecl') continue;
      const binding = this.declare(statement.fn.name!, 'fn');
      binding.fn = statement.fn;
    }
    let ended: ast.Stmt | null = null;
    for (const statement of body) {
      if (ended !== null && statement.kind !== 'FnDecl') {
        this.report('unreachable', 'this is never reached', statement, 'never runs', {
          severity: 'warning',
          related: [{ source: this.module.source, span: ended, message: 'because of this' }],
        });
        ended = null;
      }
      this.statement(statement);
      if (['Return', 'Throw', 'Break', 'Continue'].includes(statement.kind)) ended = statement;
    }
  }

  private scopedBlock(block: ast.Block): void {
    this.inScope(() => this.block(block.body));
  }

  private statement(node: ast.Stmt): void {
    switch (node.kind) {
      case 'Let':
        return this.letStatement(node);
      case 'FnDecl':
        return this.functionLiteral(node.fn);
      case 'Assign':
        return this.assign(node);
      case 'ExprStmt':
        return this.expr(node.expr);
      case 'Block':
        return this.scopedBlock(node);
      case 'If':
        this.expr(node.test);
        this.scopedBlock(node.then);
        if (node.otherwise !== null) this.statement(node.otherwise);
        return;
      case 'While':
        this.expr(node.test);
        return this.loop(node.label, () => this.scopedBlock(node.body));
      case 'For':
        return this.inScope(() => {
          if (node.init !== null) this.statement(node.init);
          if (node.test !== null) this.expr(node.test);
          if (node.update !== null) this.statement(node.update);
          this.loop(node.label, () => this.scopedBlock(node.body));
        });
      case 'ForIn':
        this.expr(node.iterable);
        return this.inScope(() => {
          if (node.first !== null) this.declare(node.first, 'loop');
          this.pattern(node.value, 'loop');
          this.loop(node.label, () => this.scopedBlock(node.body));
        });
      case 'Break':
      case 'Continue':
        return this.jump(node);
      case 'Return':
        if (!this.inFunction)
          this.report('return-outside', `'return' stands outside of a function`, node, 'not in a function', {
            hint: `exit() ends the program`,
          });
        if (node.value !== null) this.expr(node.value);
        return;
      case 'Throw':
        return this.expr(node.value);
      case 'Try':
        return this.tryStatement(node);
      case 'Defer':
        this.owner.hasDefer = true;
        return this.expr(node.call);
      case 'Send':
        this.expr(node.channel);
        return this.expr(node.value);
      case 'Select':
        for (const selectCase of node.cases) this.selectCase(selectCase);
        return;
      case 'Import':
        return this.importStatement(node);
      case 'Export':
        if (this.scope !== this.top) this.notAtTop(node, 'export');
        for (const entry of node.entries) this.expr(entry.value);
        return;
    }
  }

  private letStatement(node: ast.Let): void {
    const declared: Binding[] = [];
    if (node.exported && this.scope !== this.top) this.notAtTop(node, 'export');
    const kind: BindingKind = node.keyword;
    if (kind === 'var') {
      this.varStatement(node);
      return;
    }
    // Declared first, so that functions in the initialiser see the variable; hidden from the rest of it.
    this.patternNames(node.target, (pattern) => declared.push(this.declare(pattern, kind)));
    this.hiding(declared, () => {
      if (node.init !== null) this.expr(node.init);
      this.patternDefaults(node.target);
    });
    if (node.init?.kind === 'Fn' && node.target.kind === 'NamePattern') declared[0]!.fn = node.init;
  }

  /** `var x` belongs to the whole function: declared again, it is the same variable. */
  private varStatement(node: ast.Let): void {
    const declared: Binding[] = [];
    const scope = this.scope;
    this.scope = this.functionScopeOf(scope);
    this.patternNames(node.target, (pattern) => {
      const earlier = this.scope.names.get(pattern.name)?.find((binding) => binding.kind === 'var');
      if (earlier !== undefined) {
        this.bindings.set(pattern, earlier);
        earlier.assignments++;
        this.keepApart(scope, earlier);
        return;
      }
      const binding = this.declare(pattern, 'var');
      binding.assignments++;
      this.owner.vars.push(binding);
      this.keepApart(scope, binding);
      declared.push(binding);
    });
    this.scope = scope;
    this.hiding(declared, () => {
      if (node.init !== null) this.expr(node.init);
      this.patternDefaults(node.target);
    });
  }

  private assign(node: ast.Assign): void {
    if (node.target.kind === 'Ident') {
      if (node.op !== '=') this.use(node.target, false);
      this.expr(node.value);
      this.use(node.target, false, true);
    } else {
      this.expr(node.target);
      this.expr(node.value);
    }
  }

  private loop(label: string | null, body: () => void): void {
    this.owner.hasLoop = true;
    this.labels.push(label);
    body();
    this.labels.pop();
  }

  private jump(node: ast.Break | ast.Continue): void {
    const word = node.kind === 'Break' ? 'break' : 'continue';
    if (this.labels.length === 0) {
      this.report('jump-outside', `'${word}' stands outside of a loop`, node, 'not in a loop', {
        ...(this.loopAround && { hint: `the loop is outside of this function, where 'return' ends the call` }),
      });
    } else if (node.label !== null && !this.labels.includes(node.label)) {
      const known = this.labels.filter((label) => label !== null);
      const near = didYouMean(node.label, known);
      this.report(
        'unknown-label',
        `no loop around here is labelled '${node.label}'`,
        node,
        'no such label',
        near === null ? {} : { hint: `did you mean '${near}'?` },
      );
    }
  }

  private tryStatement(node: ast.Try): void {
    this.scopedBlock(node.block);
    if (node.handler !== null) {
      const handler = node.handler;
      this.inScope(() => {
        if (node.param !== null) this.declare(node.param, 'catch');
        this.scopedBlock(handler);
      });
    }
    if (node.finalizer !== null) this.scopedBlock(node.finalizer);
  }

  private selectCase(node: ast.SelectCase): void {
    if (node.kind === 'ReceiveCase' || node.kind === 'SendCase') this.expr(node.channel);
    if (node.kind === 'SendCase') this.expr(node.value);
    if (node.kind === 'TimeoutCase') this.expr(node.ms);
    this.inScope(() => {
      if (node.kind === 'ReceiveCase' && node.target !== null) this.pattern(node.target, 'let');
      this.block(node.body);
    });
  }

  // ------------------------------------------------------------ patterns

  private pattern(pattern: ast.Pattern, kind: BindingKind): void {
    const declared: Binding[] = [];
    this.patternNames(pattern, (name) => declared.push(this.declare(name, kind)));
    this.hiding(declared, () => this.patternDefaults(pattern));
  }

  private patternNames(pattern: ast.Pattern, each: (name: ast.NamePattern) => void): void {
    const seen = new Set<string>();
    eachName(pattern, (name) => {
      if (seen.has(name.name))
        this.report('duplicate-name', `'${name.name}' stands twice in one pattern`, name, 'a second time');
      seen.add(name.name);
      each(name);
    });
  }

  /** A default sees the names that stand before it in the pattern. */
  private patternDefaults(pattern: ast.Pattern): void {
    if (pattern.kind === 'NamePattern') {
      this.reveal(this.bindings.get(pattern)!);
      return;
    }
    for (const item of pattern.kind === 'ArrayPattern' ? pattern.items : pattern.entries) {
      if (item === null) continue;
      if (item.fallback !== null) this.expr(item.fallback);
      this.patternDefaults(item.target);
    }
  }

  private matchPattern(pattern: ast.MatchPattern): void {
    switch (pattern.kind) {
      case 'NamePattern':
        // Alternatives bind the same variable: `[1, x] | [x, 1]`.
        if (this.scope.names.has(pattern.name)) this.bindings.set(pattern, this.scope.names.get(pattern.name)![0]!);
        else this.declare(pattern, 'match');
        return;
      case 'ArrayMatch':
        for (const item of pattern.items) this.matchPattern(item);
        if (pattern.rest !== null) this.matchPattern(pattern.rest);
        return;
      case 'MapMatch':
        for (const entry of pattern.entries) this.matchPattern(entry.pattern);
        if (pattern.rest !== null) this.matchPattern(pattern.rest);
        return;
      case 'Any':
      case 'Value':
      case 'RangePattern':
        return;
    }
  }

  // ------------------------------------------------------------ expressions

  private expr(node: ast.Expr): void {
    switch (node.kind) {
      case 'Null':
      case 'Bool':
      case 'Num':
        return;
      case 'Str':
        return this.adviseFilling(node);
      case 'Ident':
        return this.identValue(node);
      case 'Template':
        for (const part of node.exprs) this.expr(part);
        return;
      case 'Array':
        for (const item of node.items) this.expr(item.kind === 'Spread' ? item.value : item);
        return;
      case 'Map':
        for (const entry of node.entries) {
          if (entry.kind === 'Entry') this.expr(entry.key);
          this.expr(entry.value);
        }
        return;
      case 'Fn':
        return this.functionLiteral(node);
      case 'Unary':
        return this.expr(node.operand);
      case 'Binary':
      case 'Logical':
        this.expr(node.left);
        return this.expr(node.right);
      case 'Cond':
        this.expr(node.test);
        this.expr(node.then);
        return this.expr(node.otherwise);
      case 'Call':
        return this.call(node);
      case 'MethodCall':
        return this.methodCall(node);
      case 'Index':
        this.expr(node.object);
        return this.expr(node.index);
      case 'Slice':
        this.expr(node.object);
        if (node.from !== null) this.expr(node.from);
        if (node.to !== null) this.expr(node.to);
        return;
      case 'Field':
        return this.field(node);
      case 'Receive':
        return this.expr(node.channel);
      case 'Spawn':
        if (node.body.kind === 'Block') return this.spawnBlock(node, node.body);
        return this.expr(node.body);
      case 'Match':
        this.expr(node.subject);
        for (const arm of node.arms) {
          this.inScope(() => {
            for (const pattern of arm.patterns) this.matchPattern(pattern);
            if (arm.guard !== null) this.expr(arm.guard);
            if (arm.body.kind === 'Block') this.scopedBlock(arm.body);
            else this.expr(arm.body);
          });
        }
        return;
    }
  }

  /** In double quotes `${name}` stays as it is: where there is such a variable, it was hardly meant to. */
  private adviseFilling(node: ast.StrLit): void {
    const [, mark, name] = PLACE.exec(node.value) ?? [];
    if (name === undefined || this.find(name) === undefined) return;
    const inner = this.module.source.text.slice(node.start + 1, node.end - 1);
    const span = { start: node.start, end: node.end };
    this.report('not-filled-in', `'${mark}{${name}}' stays in this text as it is`, node, 'not filled in', {
      severity: 'warning',
      hint: 'values are put into texts between backticks' + (mark === '$' ? '' : ': `... ${value} ...`'),
      ...(mark === '$' && !inner.includes('`') && { fix: { span, text: `\`${inner}\`` } }),
    });
  }

  private identValue(node: ast.Ident): void {
    this.use(node, false);
  }

  private field(node: ast.Field): void {
    this.asMemberObject(node.object);
    this.member(node.object, node.name, node.nameSpan);
  }

  /** The object of `.name`: a module there is no use of it as a value. */
  private asMemberObject(node: ast.Expr): void {
    if (node.kind === 'Ident' && this.namespaceOf(node) === null && this.find(node.name) === undefined) {
      const members = this.builtins.find(node.name) === undefined ? this.builtins.group(node.name) : undefined;
      if (members !== undefined && !this.inFunction) {
        this.refs.set(node, { kind: 'unknown' });
        this.report('unknown-name', `cannot find '${node.name}'`, node, 'the module is not imported', {
          hint: `add a line at the top: import ${node.name}`,
        });
        return;
      }
    }
    if (node.kind === 'Ident') this.use(node, this.namespaceOf(node) !== null);
    else this.expr(node);
  }

  private call(node: ast.Call): void {
    if (node.callee.kind === 'Ident') this.use(node.callee, true);
    else this.expr(node.callee);
    for (const arg of node.args) this.expr(arg.kind === 'Spread' ? arg.value : arg);
  }

  private methodCall(node: ast.MethodCall): void {
    this.asMemberObject(node.object);
    this.member(node.object, node.name, node.nameSpan);
    for (const arg of node.args) this.expr(arg.kind === 'Spread' ? arg.value : arg);
  }

  /** `spawn { ... }` is a function of its own: its names, `return` and loops are apart. */
  private spawnBlock(node: ast.Spawn, block: ast.Block): void {
    this.inFunctionScope(spawnFn(node, block), () => this.block(block.body));
  }

  private functionLiteral(node: ast.Fn): void {
    this.inFunctionScope(node, () => {
      if (node.name !== null && !this.bindings.has(node.name)) {
        // A named literal sees itself: `let f = fn fact(n) { ... fact(n - 1) ... }`.
        this.scope = { parent: this.scope, owner: this.owner, names: new Map(), passed: null };
        const self = this.declare(node.name, 'fn');
        self.fn = node;
        self.uses++;
        this.scope = { parent: this.scope, owner: this.owner, names: new Map(), passed: null };
      }
      for (const param of node.params) {
        if (param.fallback !== null) this.expr(param.fallback);
        this.patternParams(param.target);
      }
      if (node.rest !== null) this.declare(node.rest, 'param');
      if (node.body.kind === 'Block') this.block(node.body.body);
      else this.expr(node.body);
    });
  }

  private patternParams(target: ast.Pattern): void {
    const declared: Binding[] = [];
    eachName(target, (name) => {
      if (this.scope.names.has(name.name)) {
        this.report('duplicate-name', `the parameter '${name.name}' stands twice`, name, 'a second time');
      }
      const binding = this.makeBinding(name.name, 'param', name, null);
      this.addName(binding);
      this.bindings.set(name, binding);
      declared.push(binding);
    });
    this.hiding(declared, () => this.patternDefaults(target));
  }
}
