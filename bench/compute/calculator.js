function evaluate(text) {
  let at = 0;

  function skip() {
    while (at < text.length && text[at] === ' ') at++;
  }

  function number() {
    let value = 0;
    while (at < text.length && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + text.charCodeAt(at) - 48;
      at++;
    }
    skip();
    return value;
  }

  function factor() {
    if (text[at] === '(') {
      at++;
      skip();
      const value = sum();
      at++;
      skip();
      return value;
    }
    return number();
  }

  function product() {
    let value = factor();
    while (at < text.length && text[at] === '*') {
      at++;
      skip();
      value = (value * factor()) % 1000003;
    }
    return value;
  }

  function sum() {
    let value = product();
    while (at < text.length && (text[at] === '+' || text[at] === '-')) {
      const plus = text[at] === '+';
      at++;
      skip();
      value = plus ? value + product() : value - product();
    }
    return value;
  }

  skip();
  return sum();
}

const start = performance.now();
let total = 0;
for (let i = 0; i < 60000; i++) {
  total = (total + evaluate(`(12 + ${i}) * 3 - (4 * (5 + ${i * 7})) + 6 * (7 - 8) * 99 + ((1 + 2) * (3 + 4))`)) % 1000003;
}
console.log(total);
console.log('elapsed_ms', performance.now() - start);
