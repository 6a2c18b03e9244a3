#!/bin/sh
# The tour of README.md, against a service that was just started with `cargo run`. A test holds both to the same lines.
api=http://127.0.0.1:8080/api; json='content-type: application/json'
curl -sw '\n' $api/user -H "$json" -d '{"username":"ada@example.com","password":"correct horse batt","password_confirm":"correct horse batt"}'
token=$(curl -s $api/auth/login -H "$json" -d '{"username":"ada@example.com","password":"correct horse batt"}' | sed 's/.*"access_token":"\([^"]*\).*/\1/')
curl -sw '\n' $api/user/me -H "authorization: Bearer $token"
curl -sw '\n' $api/auth/logout -H "authorization: Bearer $token"
