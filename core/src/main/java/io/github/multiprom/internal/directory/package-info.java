/** The reading side: all files of a directory, and the passes that retire dead workers. */
package io.github.multiprom.internal.directory;
