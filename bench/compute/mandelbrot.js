function mandelbrot(width, height, limit) {
  let inside = 0;
  let steps = 0;
  for (let row = 0; row < height; row++) {
    const ci = (2 * row) / height - 1;
    for (let column = 0; column < width; column++) {
      const cr = (2 * column) / width - 1.5;
      let zr = 0;
      let zi = 0;
      let n = 0;
      while (n < limit && zr * zr + zi * zi <= 4) {
        const next = zr * zr - zi * zi + cr;
        zi = 2 * zr * zi + ci;
        zr = next;
        n++;
      }
      steps += n;
      if (n === limit) inside++;
    }
  }
  return [inside, steps];
}

const start = performance.now();
const [inside, steps] = mandelbrot(800, 800, 100);
console.log(inside, steps);
console.log('elapsed_ms', performance.now() - start);
