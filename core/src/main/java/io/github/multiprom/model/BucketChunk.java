package io.github.multiprom.model;

/**
 * A chunk of cells of one series of a snapshot. Immutable.
 *
 * @param key which one it is
 * @param firstCell index of its first cell in a snapshot's high words; its low words are 0
 */
public record BucketChunk(ChunkKey key, int firstCell) {}
