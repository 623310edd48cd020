/**
 * The worker file: its bytes, written once and read by every collector. The only package, with
 * those above it, that touches channels, mapped memory and memory order.
 */
package io.github.multiprom.internal.file;
