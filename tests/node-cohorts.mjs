// What the module that cmon-cohort --emit js wrote says of each row.
//
// usage: node node-cohorts.mjs MODULE <rows >answers
//
// A row is "milliseconds<TAB>endpoint<TAB>key in hexadecimal", an answer
// "experiment<TAB>cohort<TAB>ttl"; keys of valid UTF-8 are asked as strings.
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

globalThis.crypto ??= webcrypto;	// Node 18 has it, but not there

const { assign } = await import(pathToFileURL(resolve(process.argv[2])));
const answers = [];
for (const line of readFileSync(0, 'utf8').split('\n').slice(0, -1)) {
	const [now, endpoint, hex] = line.split('\t');
	const bytes = Buffer.from(hex, 'hex'), text = bytes.toString('utf8');
	const key = Buffer.from(text).equals(bytes) ? text : new Uint8Array(bytes);
	const got = await assign(endpoint, key, Number(now));
	answers.push(got ? `${got.experiment}\t${got.cohort}\t${got.ttl ?? ''}` : '\t\t');
}
console.log(answers.join('\n'));
