// Imports the HTTP servers, uses none, and prints which network modules the import has loaded.
import process from "node:process";
import * as http from "../../components/http.ts";
import { print } from "./_print.ts";

const { moduleLoadList = [] } = process as { readonly moduleLoadList?: readonly string[] };
const loaded = moduleLoadList.filter((name) => /^NativeModule (_?http|_?tls|dns)/.test(name));
print(JSON.stringify({ exports: Object.keys(http).length, known: moduleLoadList.length > 0, loaded }));
