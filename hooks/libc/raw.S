/*
 * syscall() and vfork() for x86-64.
 *
 * syscall(): numbers that change what we know (the table) go to C; everything else, vfork and clone
 * by number among it, is a jump to libc's own function with stack and registers as they came.
 *
 * vfork(): the child borrows our caller's stack and our thread block until it execs or exits. It
 * must be pure pass-through meanwhile, so depth (the first word of oa_thread) is raised by
 * OA_DEPTH_VFORK before, and lowered by the parent when it goes on. The return address is kept in a
 * register across the call, because the child's pushes overwrite it on the stack.
 */
#if defined(__x86_64__)
	.text

	.globl	syscall
	.type	syscall, @function
	.p2align 4
syscall:
	.cfi_startproc
	endbr64
	cmpq	$448, %rdi
	jae	1f
	btl	%edi, observed_numbers(%rip)
	jc	oa_syscall_observed
1:	movq	oa_raw_syscall(%rip), %rax
	testq	%rax, %rax
	jz	oa_syscall_observed
	jmp	*%rax
	.cfi_endproc
	.size	syscall, .-syscall

	.globl	vfork
	.type	vfork, @function
	.p2align 4
vfork:
	.cfi_startproc
	endbr64
	popq	%rdi
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movq	oa_thread@gottpoff(%rip), %rsi
	addl	$0x10000, %fs:(%rsi)
	movl	$58, %eax
	syscall
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	testq	%rax, %rax
	jz	2f			/* the child: depth stays up */
	subl	$0x10000, %fs:(%rsi)
	cmpq	$-4095, %rax
	jae	3f
2:	ret
3:	negl	%eax
	pushq	%rax
	.cfi_adjust_cfa_offset 8
	call	__errno_location@PLT
	popq	%rdx
	.cfi_adjust_cfa_offset -8
	movl	%edx, (%rax)
	movq	$-1, %rax
	ret
	.cfi_endproc
	.size	vfork, .-vfork

/* One bit a number: close 3, dup 32, dup2 33, accept 43, execve 59, setuid 105, setgid 106, setreuid 113,
 * setregid 114, setgroups 116, setresuid 117, setresgid 119, capset 126, prctl 157, exit_group 231,
 * unshare 272, accept4 288, dup3 292, setns 308, seccomp 317, execveat 322, close_range 436. */
	.section .rodata
	.p2align 2
	.type	observed_numbers, @object
observed_numbers:
	.long	0x00000008		/*   0 */
	.long	0x08000803		/*  32 */
	.long	0			/*  64 */
	.long	0x40b60600		/*  96 */
	.long	0x20000000		/* 128 */
	.long	0			/* 160 */
	.long	0			/* 192 */
	.long	0x00000080		/* 224 */
	.long	0x00010000		/* 256 */
	.long	0x20100011		/* 288 */
	.long	0x00000004		/* 320 */
	.long	0			/* 352 */
	.long	0			/* 384 */
	.long	0x00100000		/* 416 */
	.size	observed_numbers, .-observed_numbers

	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.string	"GNU"
	.long	0xc0000002, 4, 3, 0	/* IBT and SHSTK */
#endif
	.section .note.GNU-stack, "", @progbits
