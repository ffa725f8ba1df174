// The page of a collection.

import { given } from "./dom.js";
import { DocumentList } from "./documents.js";
import { Uploads } from "./uploads.js";
import "./library.js";

const data = given();
const list = new DocumentList(data);
if (data.may_write) new Uploads(data, list);
