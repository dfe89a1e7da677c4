// Lets a thread import TypeScript, as ES modules. (The whole of tsx would let it be required too, and then the thread
// runs CommonJS, where each imported constant is a call: the work of a shard took 1.6 times as long.)
import { register } from 'tsx/esm/api';

register();
