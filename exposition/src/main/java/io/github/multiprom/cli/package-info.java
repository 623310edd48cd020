/** The command line of the runnable jar. */
package io.github.multiprom.cli;
