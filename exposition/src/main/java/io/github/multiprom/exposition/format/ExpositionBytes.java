package io.github.multiprom.exposition.format;

import io.github.multiprom.exposition.format.Chunks.Chunk;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** What one scrape answers, in chunks of some 64 KiB. Immutable. */
public final class ExpositionBytes {
  private final List<Chunk> chunks;
  private final long length;

  public ExpositionBytes(List<Chunk> chunks) {
    this.chunks = List.copyOf(chunks);
    this.length = chunks.stream().mapToLong(Chunk::length).sum();
  }

  /** How many bytes it has. */
  public long length() {
    return length;
  }

  /**
   * Writes all of it.
   *
   * @throws IOException if the stream throws it
   */
  public void writeTo(OutputStream out) throws IOException {
    for (Chunk chunk : chunks) {
      out.write(chunk.bytes(), 0, chunk.length());
    }
  }

  /** All of it in one array. */
  public byte[] toByteArray() {
    Bytes all = new Bytes((int) length);
    for (Chunk chunk : chunks) {
      all.add(chunk.bytes(), 0, chunk.length());
    }
    return all.array;
  }

  /** The same, compressed. */
  public ExpositionBytes gzip() {
    Chunks compressed = new Chunks();
    try (GZIPOutputStream gzip = new GZIPOutputStream(compressed.toStream())) {
      writeTo(gzip);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return compressed.toBytes();
  }
}
