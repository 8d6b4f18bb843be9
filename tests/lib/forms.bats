load ../helper

@test "forms, path: no two things in one file, each said again for a shell in any folder" { unit forms; }
