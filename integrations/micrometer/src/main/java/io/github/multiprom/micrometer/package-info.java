/**
 * A Micrometer registry that counts in worker files and shows the merged metrics of all workers.
 */
package io.github.multiprom.micrometer;
