package io.github.multiprom.model;

/**
 * A file of a metrics directory that was not read, or only in part. Immutable.
 *
 * @param name its name; that of the directory if this could not be read
 * @param reason the value of the label {@code reason} under which it counts
 * @param why what is wrong with it
 */
public record SkippedFile(String name, String reason, String why) {}
