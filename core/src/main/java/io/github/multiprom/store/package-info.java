/**
 * The files of a metrics directory: what a worker writes and a collector reads. The only package
 * that touches channels, mapped memory, locks and memory order.
 */
package io.github.multiprom.store;
