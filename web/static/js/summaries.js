// The list of summaries, which shows how far they are.

import { follow } from "./live.js";

follow();
