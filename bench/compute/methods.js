function circle(radius) {
  return {
    name: 'circle',
    area: () => radius * radius * 3,
    grow: (by) => {
      radius += by;
    },
  };
}

function box(width, height) {
  return {
    name: 'box',
    area: () => width * height,
    grow: (by) => {
      width += by;
      height += by;
    },
  };
}

function stack() {
  const items = [];
  return {
    push: (x) => {
      items.push(x);
    },
    pop: () => items.pop(),
    size: () => items.length,
  };
}

function shapes(turns) {
  const list = [];
  for (let i = 0; i <= 99; i++) list.push(i % 2 === 0 ? circle(i) : box(i, i + 1));
  let total = 0;
  for (let turn = 0; turn < turns; turn++) {
    for (const shape of list) {
      total = (total + shape.area()) % 1000003;
      if (turn % 8 === 0) shape.grow(1);
    }
  }
  return total;
}

function stacks(turns) {
  const s = stack();
  let sum = 0;
  for (let i = 0; i < turns; i++) {
    s.push(i);
    if (i % 3 === 2) sum += s.pop();
  }
  return sum + s.size();
}

const start = performance.now();
console.log(shapes(40000), stacks(3000000));
console.log('elapsed_ms', performance.now() - start);
