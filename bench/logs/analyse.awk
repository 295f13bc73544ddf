# The same as examples/log-analyser.sn --json, for GNU awk.
function by_count(i1, v1, i2, v2) {
  if (v1 != v2) return v2 - v1
  return i1 < i2 ? -1 : 1
}
function object(counts, order, limit,    text, key, n) {
  PROCINFO["sorted_in"] = order
  text = ""
  n = 0
  for (key in counts) {
    if (n++ == limit) break
    text = text (n > 1 ? "," : "") "\"" key "\":" counts[key]
  }
  return "{" text "}"
}
BEGIN { FS = " " }
{
  if (NF < 10) { malformed++; next }
  requests++
  if ($10 ~ /^[0-9]+$/) bytes += $10
  statuses[$9]++
  clients[$1]++
  pages[$7]++
  hour = substr($4, 14, 2)
  if (hour ~ /^[0-9]+$/ && hour + 0 < 24) hours[hour + 0]++
}
END {
  text = ""
  for (i = 0; i < 24; i++) text = text (i > 0 ? "," : "") hours[i] + 0
  printf "{\"requests\":%d,\"malformed\":%d,\"bytes\":%d,\"statuses\":%s,\"hours\":[%s],\"clients\":%s,\"pages\":%s}\n",
    requests, malformed, bytes, object(statuses, "@ind_str_asc", -1), text, object(clients, "by_count", 10), object(pages, "by_count", 10)
}
