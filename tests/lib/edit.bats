load ../helper

@test "edit: one field is another, and no other byte is" { unit edit; }
