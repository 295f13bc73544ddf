function numbers(count) {
  const list = [];
  let seed = 42;
  for (let i = 0; i < count; i++) {
    seed = (seed * 3877 + 29573) % 139968;
    list.push(seed * 1000 + (i % 1000));
  }
  return list;
}

function sortBetween(list, low, high) {
  while (low < high) {
    const pivot = list[low + ((high - low) >> 1)];
    let i = low;
    let j = high;
    while (i <= j) {
      while (list[i] < pivot) i++;
      while (list[j] > pivot) j--;
      if (i <= j) {
        const swapped = list[i];
        list[i] = list[j];
        list[j] = swapped;
        i++;
        j--;
      }
    }
    if (j - low < high - i) {
      sortBetween(list, low, j);
      low = i;
    } else {
      sortBetween(list, i, high);
      high = j;
    }
  }
}

function checksum(list) {
  let sum = 0;
  for (let i = 0; i < list.length; i++) sum = (sum * 31 + list[i] + i) % 1000003;
  return sum;
}

const start = performance.now();
const list = numbers(1000000);
sortBetween(list, 0, list.length - 1);
console.log(list[0], list.at(-1), checksum(list));
console.log('elapsed_ms', performance.now() - start);
