// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's own C code makes of the memory of dma-bufs: /dev/memory-peer takes two of one size, and fills, copies
 * and zeroes all of it at a call. The benchmark compares the GPU's fills and copies with these.
 */
#include <linux/dma-buf.h>
#include <linux/fs.h>
#include <linux/iosys-map.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* Takes two dma-bufs: the destination of everything, and the source of copies. */
#define PEER_TAKE _IOW('m', 0, __s32[2])
/* memset() with a byte that is not zero: zero has a faster way on arm64. */
#define PEER_FILL _IO('m', 1)
#define PEER_COPY _IO('m', 2)
/* Page by page, as the allocator of pages zeroes. */
#define PEER_ZERO _IO('m', 3)

struct peer_buffer {
	struct dma_buf *buffer;
	struct iosys_map map;
};

struct peer_file {
	struct peer_buffer buffers[2];
	size_t size;
};

static void give_back(struct peer_buffer *buffer)
{
	if (!buffer->buffer)
		return;
	dma_buf_vunmap_unlocked(buffer->buffer, &buffer->map);
	dma_buf_put(buffer->buffer);
	buffer->buffer = NULL;
}

static int take(struct peer_buffer *to, int descriptor)
{
	struct dma_buf *buffer = dma_buf_get(descriptor);
	int error;

	if (IS_ERR(buffer))
		return PTR_ERR(buffer);
	error = dma_buf_vmap_unlocked(buffer, &to->map);
	if (error) {
		dma_buf_put(buffer);
		return error;
	}
	to->buffer = buffer;
	return to->map.is_iomem ? -EOPNOTSUPP : 0;
}

static int take_both(struct peer_file *file, const __s32 __user *argument)
{
	__s32 descriptors[2];
	int error;

	if (file->size)
		return -EBUSY;
	if (copy_from_user(descriptors, argument, sizeof(descriptors)))
		return -EFAULT;
	for (int i = 0; i < 2; i++) {
		give_back(&file->buffers[i]);
		error = take(&file->buffers[i], descriptors[i]);
		if (error)
			return error;
	}
	if (file->buffers[0].buffer->size != file->buffers[1].buffer->size)
		return -EINVAL;
	file->size = file->buffers[0].buffer->size;
	return 0;
}

static long peer_ioctl(struct file *f, unsigned int command, unsigned long argument)
{
	struct peer_file *file = f->private_data;
	void *to = file->buffers[0].map.vaddr;

	if (command == PEER_TAKE)
		return take_both(file, (const __s32 __user *)argument);
	if (!file->size)
		return -EINVAL;
	switch (command) {
	case PEER_FILL:
		memset(to, 0x5a, file->size);
		return 0;
	case PEER_COPY:
		memcpy(to, file->buffers[1].map.vaddr, file->size);
		return 0;
	case PEER_ZERO:
		for (size_t done = 0; done < file->size; done += PAGE_SIZE)
			clear_page(to + done);
		return 0;
	default:
		return -ENOTTY;
	}
}

static int peer_open(struct inode *inode, struct file *f)
{
	f->private_data = kzalloc(sizeof(struct peer_file), GFP_KERNEL);
	return f->private_data ? 0 : -ENOMEM;
}

static int peer_release(struct inode *inode, struct file *f)
{
	struct peer_file *file = f->private_data;

	give_back(&file->buffers[0]);
	give_back(&file->buffers[1]);
	kfree(file);
	return 0;
}

static const struct file_operations peer_operations = {
	.owner = THIS_MODULE,
	.open = peer_open,
	.release = peer_release,
	.unlocked_ioctl = peer_ioctl,
};

static struct miscdevice peer_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "memory-peer",
	.fops = &peer_operations,
};
module_misc_device(peer_device);

MODULE_DESCRIPTION("The kernel's own memset and memcpy, for a benchmark");
MODULE_IMPORT_NS("DMA_BUF");
MODULE_LICENSE("GPL");
