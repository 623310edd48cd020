package io.github.multiprom.store;

import io.github.multiprom.store.UnreadableFileException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** A file that another process may be writing. One thread. */
final class FileSource implements ByteSource {
  private final Path path;
  private FileChannel channel;

  /**
   * Opens a file.
   *
   * @throws UnreadableFileException if it is not a regular file of somebody who is trusted
   */
  FileSource(Path path) throws IOException {
    this.path = path;
    // Before the open: opening a FIFO waits for a writer, perhaps for ever.
    checkTrusted(path);
    channel = open();
  }

  private static void checkTrusted(Path path) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    if (!attributes.isRegularFile()) {
      throw new UnreadableFileException(Reason.NOT_REGULAR, "not a regular file");
    }
    FileOwnership ownership = FileOwnership.of(path.toAbsolutePath().getParent());
    if (!ownership.trusts(path)) {
      throw new UnreadableFileException(Reason.WRONG_OWNER, ownership.mistrust(path));
    }
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public boolean read(ByteBuffer into, long position) throws IOException {
    int start = into.position();
    return Interrupts.retrying(
        () -> {
          if (!channel.isOpen()) {
            channel = open();
          }
          into.position(start);
          while (into.hasRemaining()) {
            if (channel.read(into, position + into.position() - start) < 0) {
              return false;
            }
          }
          return true;
        });
  }

  @Override
  public long size() throws IOException {
    return Interrupts.retrying(
        () -> {
          if (!channel.isOpen()) {
            channel = open();
          }
          return channel.size();
        });
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
