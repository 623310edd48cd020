/** A pre-fork server with its launcher, and the demo that the README starts. */
package io.github.multiprom.examples;
