-- For wrk: a request with a body.
wrk.method = "POST"
wrk.body = '{"name": "ada", "age": 36}'
wrk.headers["Content-Type"] = "application/json"
