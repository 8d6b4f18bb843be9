// node duckdb.mjs THREADS QUERY.sql INPUT [OUTPUT] - from the folder where
// @duckdb/node-api is; @IN and @OUT in the query are the files.
import { createRequire } from 'module';
import fs from 'fs';

const { DuckDBInstance } = createRequire(process.cwd() + '/')('@duckdb/node-api');
const [threads, query, input, output] = process.argv.slice(2);
const db = await (await DuckDBInstance.create(':memory:', { threads })).connect();
const sql = fs.readFileSync(query, 'utf8').replaceAll('@IN', input).replaceAll('@OUT', output);
for (const row of (await db.runAndReadAll(sql)).getRows())
	console.log(row.map(String).join('\t'));
process.exit(0);
