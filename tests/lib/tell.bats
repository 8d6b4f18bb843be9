load ../helper

@test "tell: every part of the page, Wilson's intervals of a published table, nothing wider than 78" { unit tell; }
