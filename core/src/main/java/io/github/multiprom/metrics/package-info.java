/** The metric types of an application; writes to the store and never imports the merge. */
package io.github.multiprom.metrics;
