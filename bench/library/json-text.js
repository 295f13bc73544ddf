const row = '{"id":7,"host":"db-1.example","up":true,"load":[0.25,1.5],"tags":{"a":null,"b":"x\\ny"}}';
const text = '[' + Array.from({ length: 100000 }, () => row).join(',') + ']';
const start = performance.now();
const rows = JSON.parse(text);
const back = JSON.stringify(rows);
const elapsed = performance.now() - start;
console.log(rows.length, rows[99999].host, back.length, back === text);
console.log('elapsed_ms', elapsed);
