/* Preloaded: gives a kernel without /dev/dma_heap what libcamera and picamera2 need of one, out of shared memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_file(const char *path, int flags, mode_t mode)
{
	static const char heaps[] = "/dev/dma_heap/";

	if (strncmp(path, heaps, strlen(heaps)) == 0)
		return memfd_create("heap", MFD_CLOEXEC);
	return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

#define OPENER(name)                                   \
	int name(const char *path, int flags, ...)     \
	{                                              \
		va_list more;                          \
		mode_t mode = 0;                       \
		va_start(more, flags);                 \
		if (flags & (O_CREAT | O_TMPFILE))     \
			mode = va_arg(more, mode_t);   \
		va_end(more);                          \
		return open_file(path, flags, mode);   \
	}
OPENER(open)
OPENER(open64)
int __open_2(const char *path, int flags) { return open_file(path, flags, 0); }
int __open64_2(const char *path, int flags) { return open_file(path, flags, 0); }

static int allocate(struct dma_heap_allocation_data *wanted)
{
	int buffer = memfd_create("buffer", MFD_CLOEXEC);

	if (buffer < 0)
		return -1;
	if (ftruncate(buffer, wanted->len) < 0) {
		close(buffer);
		return -1;
	}
	wanted->fd = buffer;
	return 0;
}

int ioctl(int file, unsigned long request, ...)
{
	va_list more;
	void *argument;
	long done;

	va_start(more, request);
	argument = va_arg(more, void *);
	va_end(more);
	done = syscall(SYS_ioctl, file, request, argument);
	if (done >= 0 || errno != ENOTTY)
		return done;
	switch ((unsigned int)request) {
	case DMA_HEAP_IOCTL_ALLOC:
		return allocate(argument);
	case DMA_BUF_IOCTL_SYNC:
	case (unsigned int)DMA_BUF_SET_NAME_A:
	case (unsigned int)DMA_BUF_SET_NAME_B:
		return 0;
	}
	return -1;
}
