/** Memory-ordering tests of the worker file protocols, with jcstress. */
package io.github.multiprom.stress;
